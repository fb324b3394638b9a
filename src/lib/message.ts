import type { Attachment } from 'postal-mime'

/** A message is read whole, up to here: headers of a megabyte and the parts that a report has. */
export const LONGEST_MESSAGE = 8 * 1024 * 1024
const MOST_NESTED = 32

const FIELD = /^[!-9;-~]{1,76}:(?:[ \t]|$)/
/** Fields that stand at the top of an e-mail, and on no line of replies. */
const TOP =
  /^(?:return-path|received|delivered-to|x-[\w-]+|arc-[\w-]+|dkim-signature|domainkey-signature|authentication-results|received-spf|from|to|cc|subject|date|sender|reply-to|message-id|mime-version|content-[\w-]+|auto-submitted|precedence|references|in-reply-to|list-[\w-]+|feedback-id|importance|thread-[\w-]+):/i
const ENVELOPE = /^From \S+ .*\d\d:\d\d/

/** Whether its first line is such that an e-mail may begin. */
export function mayBeginMessage(text: string): boolean {
  const [line = ''] = text.trimStart().split(/\r?\n/, 1)
  return TOP.test(line) || ENVELOPE.test(line)
}

/** Whether a text begins like an e-mail: two fields of its header, one of them such as every message has. */
export function beginsMessage(text: string): boolean {
  const lines = text.trimStart().split(/\r?\n/, 200)
  if (ENVELOPE.test(lines[0] ?? '')) lines.shift()
  const blank = lines.indexOf('')
  const end = blank === lines.length - 1 ? -1 : blank
  // Of a header that goes on beyond what is looked at, the last line may be cut.
  const fields = lines.slice(0, end < 0 ? -1 : end).filter((line) => !/^[ \t]/.test(line))
  const isKnown = end < 0 || fields.some((line) => KNOWN.test(line))
  return fields.length >= 2 && isKnown && TOP.test(fields[0]!) && fields.every((line) => FIELD.test(line))
}
const KNOWN = /^(?:return-path|received|from|to|subject|date|message-id|mime-version):/i

/**
 * What a whole e-mail says as text: the fields of its delivery status (RFC 3464), then what it tells people, both decoded.
 * Null where the text is no e-mail. The copy of the message that came back is left out.
 */
export async function reportOf(text: string): Promise<string | null> {
  const message = text.trimStart()
  if (!beginsMessage(message.slice(0, 65_536))) return null
  const { default: PostalMime } = await import('postal-mime')
  try {
    const {
      attachments,
      text: plain,
      html,
    } = await PostalMime.parse(message.replace(/^From .*\r?\n/, ''), {
      attachmentEncoding: 'utf8',
      forceRfc822Attachments: true,
      maxHeadersSize: LONGEST_MESSAGE,
      maxNestingDepth: MOST_NESTED,
    })
    const fields = attachments.filter(isStatus).map(({ content }) => speakerFirst(String(content)))
    return [...fields, plain?.trim() || withoutTags(html ?? '')].join('\n\n').trim()
  } catch {
    // Nested or broken beyond reason: what stands in it is read as it is.
    return message
  }
}

const isStatus = ({ mimeType }: Attachment) => /^message\/(?:global-)?delivery-status$/.test(mimeType)

/** Of each recipient's fields the server that answered comes first, since a report names its own server before it. */
function speakerFirst(fields: string): string {
  const blocks = fields
    .replace(/\r\n?/g, '\n')
    .trim()
    .split(/\n[ \t]*\n+/)
  return blocks
    .map((block) =>
      /^remote-mta:/im.test(block) ? block.replace(/^([\s\S]*?)^(remote-mta:.*(?:\n|$))/im, '$2$1') : block,
    )
    .sort(byRecipient)
    .join('\n\n')
}
const byRecipient = (a: string, b: string) => Number(isRecipient(b)) - Number(isRecipient(a))
const isRecipient = (block: string) => /^(?:final|original)-recipient:/im.test(block)

const withoutTags = (html: string) =>
  html
    .replace(/<(?:br|\/p|\/div|\/tr|\/h\d)\b[^>]*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim()
