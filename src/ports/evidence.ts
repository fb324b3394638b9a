/** A fact from outside that supports or contradicts a suspicion: "198.51.100.7 is listed on Spamhaus SBL". */
export interface Evidence {
  about: { kind: 'ip' | 'domain'; value: string }
  /** Who says so. */
  by: string
  holds: boolean
  says: string
  url?: string
  at: Date
}

export interface EvidenceSource {
  readonly id: string
  /** Looks one thing up. Throws a Fault when it cannot tell; never answers with a guess. */
  look(about: Evidence['about'], signal: AbortSignal): Promise<Evidence[]>
}
