/** Longer pastes are cut: nobody's bounce needs more before the copy of the message begins. */
const LONGEST = 65_536

/** What a pasted bounce says of one recipient or of several. */
export interface Bounce {
  /** The remote server's words, or the whole text where nothing tells them apart. */
  said: string
  /** Other recipients in the same report for whom something else was said. */
  others: number
}

/**
 * Finds the reply in what people paste: a delivery status notification (RFC 3464: `Diagnostic-Code`, `Status`), the
 * report that an MTA wrote for people, or the reply itself. Never throws; one pass over the lines.
 */
export function bounceIn(paste: string): Bounce {
  const text = paste.slice(0, LONGEST).replace(/\r\n?/g, '\n')
  const report = beforeTheCopy(text)
  const [first, ...others] = diagnostics(text)
  if (first !== undefined) return { said: first, others: others.length }
  return { said: administrators(report).trim(), others: 0 }
}

/** What MTAs write before they return the message itself, whose lines must not be read as replies. */
const COPY =
  /^(?:-+ ?(?:Below this line is a copy|This is a copy of|The header of the original message|Original message|Returned message)|Content-Type: *(?:message\/rfc822|text\/rfc822-headers)|Original message headers:|Undelivered Message Headers)/im

function beforeTheCopy(text: string): string {
  const at = text.search(COPY)
  return at > 0 ? text.slice(0, at) : text
}

/** Exchange explains at length and gives the reply under this heading. */
const DIAGNOSTIC_HEADING =
  /^(?:Diagnostic information for administrators|Diagnoseinformationen für Administratoren)\b.*$/im

function administrators(report: string): string {
  const heading = DIAGNOSTIC_HEADING.exec(report)
  return heading ? report.slice(heading.index + heading[0].length) : report
}

/** The distinct diagnostics of a message/delivery-status part, failures before delays. */
function diagnostics(text: string): string[] {
  const found = recipients(text).flatMap(({ action, status, diagnostic }) => {
    if (diagnostic === '' || /^(?:delivered|relayed|expanded)/i.test(action)) return []
    const said = /\b[245]\d\d\b|\b[245]\.\d{1,3}\.\d{1,3}\b/.test(diagnostic) ? diagnostic : `${status} ${diagnostic}`
    return [{ said: said.trim(), failed: /^failed/i.test(action) || status.startsWith('5') }]
  })
  const sorted = [...found.filter(({ failed }) => failed), ...found.filter(({ failed }) => !failed)]
  return [...new Set(sorted.map(({ said }) => said))]
}

interface Recipient {
  action: string
  status: string
  diagnostic: string
}

function recipients(text: string): Recipient[] {
  const all: Recipient[] = []
  let current: Recipient = { action: '', status: '', diagnostic: '' }
  let field: keyof Recipient | null = null
  for (const line of text.split('\n')) {
    if (line.trim() === '') {
      all.push(current)
      current = { action: '', status: '', diagnostic: '' }
      field = null
    } else if (field !== null && /^[ \t]/.test(line)) {
      current[field] += ` ${line.trim()}`
    } else {
      const [, name, value = ''] = /^(Action|Status|Diagnostic-Code) *:(.*)$/i.exec(line) ?? []
      field = name ? FIELDS[name.toLowerCase()]! : null
      if (field) current[field] = value.trim()
    }
  }
  return [...all, current]
}

const FIELDS: Record<string, keyof Recipient> = { action: 'action', status: 'status', 'diagnostic-code': 'diagnostic' }
