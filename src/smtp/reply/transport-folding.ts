/**
 * Undoes what transport did to a reply: line ends, folded headers, quoted-printable leftovers, the underscores of
 * qmail's log, and the report or the session around it. Line ends stay as one `\n` where they were real.
 */
export function unfold(raw: string): string {
  let text = raw
  // One character is looked for much faster than two, and most replies hold none of these.
  if (text.includes('\\') && text.includes('\\n')) text = text.replaceAll('\\r\\n', '\n').replaceAll('\\n', '\n')
  if (text.includes('\n') || text.includes('\r')) text = answered(diagnostic(lines(text)))
  if (text.includes('=')) text = quotedPrintable(text)
  if (text.includes('_') && text.includes('_said:_')) text = text.replaceAll('_', ' ')
  if (text.includes('&') && text.includes('&lt;'))
    text = text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
  return text.includes('\t') ? text.replaceAll('\t', ' ') : text
}

function lines(text: string): string {
  if (!text.includes('\r')) return text.replaceAll('=\n', '')
  const unbroken = text.replaceAll('=\r\n', '').replaceAll('=\n', '')
  return unbroken.replaceAll('\r\n', '\n').replaceAll('\r', '\n')
}

const DIAGNOSTIC = /^diagnostic-code:/im

/** Of a delivery report (RFC 3464) the diagnostic field, unfolded; any other text as it is. */
function diagnostic(text: string): string {
  const at = text.search(DIAGNOSTIC)
  if (at < 0) return text
  const kept: string[] = []
  for (const line of text.slice(at + 'diagnostic-code:'.length).split('\n')) {
    if (kept.length > 0 && !/^[ \t]|^[245]\d\d[ -]/.test(line)) break
    kept.push(line.trim())
  }
  return kept.join('\n')
}

const REFUSAL = /^<<< ([45]\d\d)[ -]/m

/**
 * Of a session as sendmail shows it, the first refusal by the other server; what comes behind follows from it ("503 Need
 * RCPT") or is sendmail's own summary. Any other text as it is.
 */
function answered(text: string): string {
  const found = text.includes('<<< ') ? REFUSAL.exec(text) : null
  if (!found) return text
  const kept: string[] = []
  for (const line of text.slice(found.index).split('\n')) {
    if (!line.startsWith(`<<< ${found[1]}`)) break
    kept.push(line.slice('<<< '.length))
  }
  return kept.join('\n')
}

// "=20" stands at the end of a line; elsewhere it is part of a link ("id=20022").
const ESCAPES = /=3D|=20(?=\s|$)|=C[23]=[89AB][0-9A-F]|=E2=80=[9A][0-9A-F]/g

function quotedPrintable(text: string): string {
  return text.replace(ESCAPES, (octets) => decodeURIComponent(octets.replaceAll('=', '%')))
}
