/** Own traffic that carries a reply: what a lookup shows. */
export interface Usage {
  total: number
  perHour: { at: Date; n: number }[]
  by: { provider: string; ip: string; senderDomain: string; source: string; n: number }[]
  firstSeen: Date | null
  lastSeen: Date | null
}
