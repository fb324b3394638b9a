import { type Kysely, sql } from 'kysely'

// Where data belongs to a source, its key begins with source_id: a database that spreads tables over machines
// (Citus and the like) can then keep one source's rows together.
const STATEMENTS = [
  `create table sources (
    id integer generated always as identity primary key,
    name text not null unique,
    type text not null default '',
    -- Where a stream goes on after a restart.
    position text,
    last_ok_at timestamptz,
    last_event_at timestamptz,
    failing_since timestamptz,
    paused_until timestamptz,
    problem text,
    remedy text,
    malformed integer not null default 0
  )`,
  `create table windows (
    source_id integer not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    reads integer not null default 0,
    next_read_at timestamptz,
    state text not null check (state in ('read', 'failed')),
    problem text,
    primary key (source_id, from_at, to_at),
    check (from_at < to_at)
  )`,
  // '' stands for "this source does not tell": a null would not be equal to itself in the unique key.
  `create table slices (
    source_id integer not null,
    id integer generated always as identity,
    provider text not null,
    ip text not null,
    sender_domain text not null,
    stream text not null,
    campaign text not null,
    primary key (source_id, id),
    unique (source_id, provider, ip, sender_domain, stream, campaign)
  )`,
  // reply_id 0: no reply. outcome: its place in OUTCOMES, from 0.
  `create table counters (
    source_id integer not null,
    minute timestamptz not null,
    slice_id integer not null,
    outcome smallint not null,
    reply_id integer not null,
    n integer not null check (n > 0),
    primary key (source_id, minute, slice_id, outcome, reply_id)
  ) partition by range (minute)`,
  `create table counters_hourly (
    source_id integer not null,
    hour timestamptz not null,
    slice_id integer not null,
    outcome smallint not null,
    reply_id integer not null,
    n integer not null check (n > 0),
    primary key (source_id, hour, slice_id, outcome, reply_id)
  ) partition by range (hour)`,
  // The revision at which a minute's counters last changed.
  `create table changes (
    source_id integer not null,
    minute timestamptz not null,
    revision bigint not null,
    primary key (source_id, minute)
  )`,
  `create index changes_revision on changes (revision)`,
  `create sequence changes_revision_seq`,
  // A template may be longer than an index entry can be, so its digest is the key.
  `create table replies (
    id integer generated always as identity primary key,
    template text not null,
    template_digest uuid not null generated always as (md5(template)::uuid) stored,
    provider text not null,
    code smallint,
    enhanced text,
    cause text not null,
    signal text,
    retry text not null,
    rule text not null,
    named boolean not null,
    -- Stands for texts beyond the daily limit of new ones; holds no text that could be classified again.
    collapsed boolean not null default false,
    unique nulls not distinct (provider, template_digest, code, enhanced)
  )`,
  `create table reply_seen (
    source_id integer not null,
    reply_id integer not null,
    first_seen timestamptz not null,
    primary key (source_id, reply_id)
  )`,
  `create index reply_seen_first on reply_seen (source_id, first_seen)`,
  // Digests, since an id may quote an address.
  `create table seen (
    source_id integer not null,
    event_digest bytea not null,
    at timestamptz not null,
    primary key (source_id, event_digest)
  )`,
  `create index seen_at on seen (at)`,
  `create table malformed (
    source_id integer not null,
    item_digest bytea not null,
    at timestamptz not null,
    problem text not null,
    body text not null,
    primary key (source_id, item_digest)
  )`,
  `create table incidents (
    id text primary key,
    fingerprint text not null,
    version integer not null,
    state text not null,
    opened_at timestamptz not null,
    resolved_at timestamptz,
    body jsonb not null
  )`,
  `create index incidents_unresolved on incidents (opened_at) where resolved_at is null`,
  `create index incidents_resolved on incidents (resolved_at) where resolved_at is not null`,
  `create table incident_audit (
    incident_id text not null references incidents,
    seq integer not null,
    at timestamptz not null,
    actor text not null,
    what text not null,
    says text not null,
    primary key (incident_id, seq)
  )`,
  `create table messages (
    incident_id text not null references incidents,
    platform text not null,
    channel text not null,
    ref_channel text,
    ref_id text,
    shown_version integer not null default 0,
    thread_seq integer not null default 0,
    posting boolean not null default false,
    shown_at timestamptz,
    primary key (incident_id, platform, channel)
  )`,
  `create table journal (
    id text primary key,
    channel text not null,
    key text not null,
    parent text,
    card jsonb not null,
    at timestamptz not null,
    updated_at timestamptz not null,
    revision bigint not null
  )`,
  `create index journal_revision on journal (channel, revision)`,
  `create index journal_key on journal (channel, key)`,
  `create index journal_thread on journal (parent) where parent is not null`,
  `create sequence journal_revision_seq`,
  `create table state (
    key text primary key,
    value bytea not null
  )`,
]

export async function up(db: Kysely<unknown>): Promise<void> {
  // One at a time: the extended protocol, which PGlite uses, takes a single statement.
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db)
}
