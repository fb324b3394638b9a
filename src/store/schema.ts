import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'

/** The tables of `migrations/` as Kysely sees them. bigint columns are read as text: drivers differ in what they make of them. */
export interface Tables {
  sources: {
    id: GeneratedAlways<number>
    name: string
    type: Generated<string>
    position: string | null
    last_ok_at: Date | null
    last_event_at: Date | null
    failing_since: Date | null
    paused_until: Date | null
    problem: string | null
    remedy: string | null
    malformed: Generated<number>
  }
  windows: {
    source_id: number
    from_at: Date
    to_at: Date
    reads: Generated<number>
    next_read_at: Date | null
    state: 'read' | 'failed'
    problem: string | null
    items: number | null
  }
  replies: {
    id: GeneratedAlways<number>
    template: string
    template_digest: GeneratedAlways<string>
    provider: string
    code: number | null
    enhanced: string | null
    cause: string
    signal: string | null
    retry: string
    rule: string
    named: boolean
    collapsed: Generated<boolean>
    used_on: ColumnType<Date, string | undefined, string>
  }
  incidents: {
    id: string
    fingerprint: string
    version: number
    state: string
    opened_at: Date
    resolved_at: Date | null
    body: JSONColumnType<Record<string, unknown>>
  }
  incident_audit: {
    incident_id: string
    seq: number
    at: Date
    actor: string
    what: string
    says: string
  }
  messages: {
    incident_id: string
    platform: string
    channel: string
    ref_channel: string | null
    ref_id: string | null
    shown_version: Generated<number>
    thread_seq: Generated<number>
    posting: Generated<boolean>
    shown_at: Date | null
  }
  journal: {
    id: string
    channel: string
    key: string
    parent: string | null
    card: JSONColumnType<Record<string, unknown>>
    at: Date
    updated_at: Date
    revision: ColumnType<string, bigint, bigint>
  }
  state: {
    key: string
    value: Uint8Array
  }
}
