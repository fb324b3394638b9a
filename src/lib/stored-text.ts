/**
 * A text as a database can keep it: without NUL and without halves of surrogate pairs, and of no more than so many bytes
 * of UTF-8, cut between two characters. PostgreSQL refuses the first two, and an index refuses what is too long.
 */
export function storedText(text: string, mostBytes: number): string {
  // A character takes at most three bytes per code unit, so that most texts need not be measured.
  const near = text.length > mostBytes ? text.slice(0, mostBytes) : text
  const clean = near.replaceAll('\0', '').toWellFormed()
  if (clean.length * 3 <= mostBytes) return clean
  const bytes = new TextEncoder().encode(clean)
  // `stream` leaves out a character that is not whole.
  return bytes.length <= mostBytes
    ? clean
    : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, mostBytes), { stream: true })
}
