import { createHash } from 'node:crypto'

/**
 * An id that is the same each time the same event is read: a hash of what tells it from all others. What goes in (a
 * recipient, a queue id) cannot be read from it. 128 bits: at 10^9 events a collision is less likely than 10^-20.
 */
export function eventId(...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
}
