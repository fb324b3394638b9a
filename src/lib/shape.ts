import { z } from 'zod'

/** Words of formats and logs, which are nobody's: names of fields, what Postfix and syslog print, our own. */
const KEPT = new Set(
  `string number boolean null list field other more text
   event eventType notificationType mail messageId source sourceArn sourceIp callerIdentity sendingAccountId timestamp tags
   destination headersTruncated headers commonHeaders name value bounce bounceType bounceSubType bouncedRecipients emailAddress
   action status diagnosticCode feedbackId reportingMTA remoteMtaIp complaint complainedRecipients complaintFeedbackType
   complaintSubType arrivalDate userAgent delivery recipients processingTimeMillis smtpResponse deliveryDelay delayType
   delayedRecipients expirationTime reject reason failure errorMessage templateName
   Type Message MessageId TopicArn Subject Timestamp SignatureVersion Signature SigningCertURL UnsubscribeURL detail detail-type
   account region resources version id time
   items pagination next @timestamp severity domain parent-id recipient recipient-domain recipient-provider envelope sending-ip
   campaigns delivery-status code enhanced-code message description mx-host storage log-level method
   kind outcome reply dims senderDomain ip stream campaign provider n characters template count
   delivered deferred bounced dropped complained
   postfix smtp smtpd lmtp qmgr cleanup pickup local virtual pipe error bounce discard to from orig_to relay delay delays dsn conn_use
   size nrcpt queue active sent expired SOFTBOUNCE deliverable undeliverable status none removed client host said in reply end of
   command RCPT TO MAIL FROM DATA EHLO HELO`.split(/\s+/),
)

const DEEPEST = 8
const MOST_ITEMS = 3
const MORE = 'more'
const LONGEST = 65_536

/**
 * What something from outside is made of, without a word of what it says: of JSON the known fields and the kinds of their
 * values, of a line its marks, with `a` for words and `9` for numbers. Of a shape the shape is the same.
 */
export function shapeOf(text: string): string {
  const cut = text.slice(0, LONGEST)
  const json = parsed(cut)
  return json === undefined ? shapeOfLine(cut) : JSON.stringify(shapeOfValue(json, 0))
}

/** What did not fit: the path in the item and what was expected there. Errors of ours say it themselves. */
export function misfitOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'it is not JSON'
  if (!(error instanceof z.ZodError)) return error instanceof Error ? error.message : 'it cannot be read'
  return error.issues.map((issue) => `${pathOf(issue.path)}: ${expectation(issue)}`).join('; ')
}

const pathOf = (path: readonly PropertyKey[]) =>
  path.map((part) => (typeof part === 'number' || KEPT.has(String(part)) ? String(part) : 'other')).join('.') ||
  'the whole item'

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `is no ${issue.expected}`
  if (issue.code === 'invalid_format') return `is no ${issue.format}`
  return issue.code.replaceAll('_', ' ')
}

function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const SHAPE = /^string of \d+$/

function shapeOfValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return shapeOfString(value, depth)
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1_000_000 ? value : 'number'
  if (value === null || typeof value !== 'object') return value
  if (depth === DEEPEST) return 'other'
  if (Array.isArray(value)) {
    const shown = value.slice(0, MOST_ITEMS).map((each) => shapeOfValue(each, depth + 1))
    return value.length > MOST_ITEMS ? [...shown, MORE] : shown
  }
  const fields = Object.entries(value).map(([name, each]) => [
    KEPT.has(name) ? name : 'other',
    shapeOfValue(each, depth + 1),
  ])
  return Object.fromEntries(fields)
}

/** SNS puts JSON into a string. */
function shapeOfString(text: string, depth: number): unknown {
  if (KEPT.has(text) || SHAPE.test(text)) return text
  const inner = depth < DEEPEST ? parsed(text) : undefined
  return inner === undefined ? `string of ${text.length}` : shapeOfValue(inner, depth + 1)
}

function shapeOfLine(text: string): string {
  return text
    .replace(/[\p{L}\p{M}\p{N}_]+/gu, (word) => (KEPT.has(word) ? word : /^\p{N}+$/u.test(word) ? '9' : 'a'))
    .replaceAll('@', '+')
    .replace(/[^\p{L}\p{N}\p{P}\p{S}\s]/gu, '')
    .replace(/a(?:[ .'+-]{1,2}a)+/g, 'a a')
}
