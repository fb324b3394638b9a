create table changes (
  source_id integer not null,
  minute timestamp with time zone not null,
  revision bigint not null,
  constraint changes_pkey PRIMARY KEY (source_id, minute)
);
CREATE INDEX changes_revision ON public.changes USING btree (revision);

create table counter_hours (
  source_id integer not null,
  hour timestamp with time zone not null,
  slice_id integer not null,
  reply_id integer not null,
  n integer not null,
  outcome smallint not null,
  minutes bytea not null,
  constraint counter_hours_n_check CHECK ((n > 0)),
  constraint counter_hours_pkey PRIMARY KEY (source_id, hour, slice_id, outcome, reply_id)
) partition by RANGE (hour);
CREATE INDEX counter_hours_reply ON ONLY public.counter_hours USING btree (reply_id, hour);

create table counters_by_minute (
  source_id integer not null,
  minute timestamp with time zone not null,
  slice_id integer not null,
  outcome smallint not null,
  reply_id integer not null,
  n integer not null,
  constraint counters_n_check CHECK ((n > 0)),
  constraint counters_pkey PRIMARY KEY (source_id, minute, slice_id, outcome, reply_id)
) partition by RANGE (minute);

create table counters_hourly (
  source_id integer not null,
  hour timestamp with time zone not null,
  slice_id integer not null,
  outcome smallint not null,
  reply_id integer not null,
  n integer not null,
  constraint counters_hourly_n_check CHECK ((n > 0)),
  constraint counters_hourly_pkey PRIMARY KEY (source_id, hour, slice_id, outcome, reply_id)
) partition by RANGE (hour);
CREATE INDEX counters_hourly_reply ON ONLY public.counters_hourly USING btree (reply_id, hour);

create table incident_audit (
  incident_id text not null,
  seq integer not null,
  at timestamp with time zone not null,
  actor text not null,
  what text not null,
  says text not null,
  constraint incident_audit_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incidents(id),
  constraint incident_audit_pkey PRIMARY KEY (incident_id, seq)
);

create table incidents (
  id text not null,
  fingerprint text not null,
  version integer not null,
  state text not null,
  opened_at timestamp with time zone not null,
  resolved_at timestamp with time zone,
  body jsonb not null,
  constraint incidents_pkey PRIMARY KEY (id)
);
CREATE INDEX incidents_resolved ON public.incidents USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);
CREATE INDEX incidents_unresolved ON public.incidents USING btree (opened_at) WHERE (resolved_at IS NULL);

create table journal (
  id text not null,
  channel text not null,
  key text not null,
  parent text,
  card jsonb not null,
  at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  revision bigint not null,
  constraint journal_pkey PRIMARY KEY (id)
);
CREATE INDEX journal_key ON public.journal USING btree (channel, key);
CREATE INDEX journal_revision ON public.journal USING btree (channel, revision);
CREATE INDEX journal_thread ON public.journal USING btree (parent) WHERE (parent IS NOT NULL);

create table malformed (
  source_id integer not null,
  item_digest bytea not null,
  at timestamp with time zone not null,
  problem text not null,
  body text not null,
  constraint malformed_pkey PRIMARY KEY (source_id, item_digest)
);

create table messages (
  incident_id text not null,
  platform text not null,
  channel text not null,
  ref_channel text,
  ref_id text,
  shown_version integer not null default 0,
  thread_seq integer not null default 0,
  posting boolean not null default false,
  shown_at timestamp with time zone,
  constraint messages_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES incidents(id),
  constraint messages_pkey PRIMARY KEY (incident_id, platform, channel)
);

create table place_days (
  source_id integer not null,
  day integer not null,
  reply_id integer not null,
  slice_id integer not null,
  n integer not null,
  outcome smallint not null,
  constraint place_days_pkey PRIMARY KEY (reply_id, day, outcome, source_id, slice_id)
);

create table replies (
  id integer not null generated always as identity,
  template text not null,
  template_digest uuid not null generated always as (md5(template))::uuid stored,
  provider text not null,
  code smallint,
  enhanced text,
  cause text not null,
  signal text,
  retry text not null,
  rule text not null,
  named boolean not null,
  collapsed boolean not null default false,
  used_on date not null default CURRENT_DATE,
  constraint replies_pkey PRIMARY KEY (id),
  constraint replies_provider_template_digest_code_enhanced_key UNIQUE NULLS NOT DISTINCT (provider, template_digest, code, enhanced)
);

create table reply_days (
  source_id integer not null,
  day integer not null,
  reply_id integer not null,
  outcome smallint not null,
  provider text not null,
  hours integer[] not null,
  constraint reply_days_pkey PRIMARY KEY (reply_id, day, outcome, source_id, provider)
);

create table reply_seen (
  source_id integer not null,
  reply_id integer not null,
  first_seen timestamp with time zone not null,
  constraint reply_seen_pkey PRIMARY KEY (source_id, reply_id)
);
CREATE INDEX reply_seen_first ON public.reply_seen USING btree (source_id, first_seen);

create table rolled_hours (
  source_id integer not null,
  hour timestamp with time zone not null,
  revision bigint not null,
  constraint rolled_hours_pkey PRIMARY KEY (source_id, hour)
);

create table seen_events (
  digest bigint not null,
  source_id integer not null,
  day date not null,
  constraint seen_events_pkey PRIMARY KEY (source_id, digest, day)
) partition by RANGE (day);

create table seen_whole (
  source_id integer not null,
  event_digest bytea not null,
  at timestamp with time zone not null,
  constraint seen_pkey PRIMARY KEY (source_id, event_digest)
);
CREATE INDEX seen_at ON public.seen_whole USING btree (at);

create table slices (
  source_id integer not null,
  id integer not null generated always as identity,
  provider text not null,
  ip text not null,
  sender_domain text not null,
  stream text not null,
  campaign text not null,
  used_on date not null default CURRENT_DATE,
  constraint slices_pkey PRIMARY KEY (source_id, id),
  constraint slices_source_id_provider_ip_sender_domain_stream_campaign_key UNIQUE (source_id, provider, ip, sender_domain, stream, campaign)
);

create table sources (
  id integer not null generated always as identity,
  name text not null,
  type text not null default ''::text,
  "position" text,
  last_ok_at timestamp with time zone,
  last_event_at timestamp with time zone,
  failing_since timestamp with time zone,
  paused_until timestamp with time zone,
  problem text,
  remedy text,
  malformed integer not null default 0,
  constraint sources_name_key UNIQUE (name),
  constraint sources_pkey PRIMARY KEY (id)
);

create table state (
  key text not null,
  value bytea not null,
  constraint state_pkey PRIMARY KEY (key)
);

create table windows (
  source_id integer not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  reads integer not null default 0,
  next_read_at timestamp with time zone,
  state text not null,
  problem text,
  items integer,
  constraint windows_check CHECK ((from_at < to_at)),
  constraint windows_pkey PRIMARY KEY (source_id, from_at, to_at),
  constraint windows_state_check CHECK ((state = ANY (ARRAY['read'::text, 'failed'::text])))
);

create sequence changes_revision_seq;

create sequence journal_revision_seq;
