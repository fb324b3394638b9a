import { z } from 'zod'

// Slack's documented limits, written down a second time on purpose: the stand-in must not trust the code it tests.
// https://docs.slack.dev/reference/block-kit/blocks

const text = (max: number) => z.string().min(1).max(max)

const PlainText = z.strictObject({ type: z.literal('plain_text'), text: text(3000), emoji: z.boolean().optional() })
const Mrkdwn = z.strictObject({ type: z.literal('mrkdwn'), text: text(3000), verbatim: z.boolean().optional() })
const plainText = (max: number) => PlainText.extend({ text: text(max) })

const Style = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  strike: z.boolean().optional(),
  code: z.boolean().optional(),
})

const RichTextPiece = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1), style: Style.optional() }),
  z.strictObject({
    type: z.literal('link'),
    url: z.url().max(3000),
    text: z.string().optional(),
    style: Style.optional(),
  }),
  // Known to Slack, never wanted of us: tests look for them.
  z.strictObject({ type: z.literal('user'), user_id: z.string() }),
  z.strictObject({ type: z.literal('broadcast'), range: z.string() }),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string() }),
  z.strictObject({ type: z.literal('emoji'), name: z.string() }),
])

const RichTextSection = z.strictObject({
  type: z.literal('rich_text_section'),
  elements: z.array(RichTextPiece).min(1),
})

const Button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: text(255),
  value: z.string().max(2000).optional(),
  url: z.url().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
})

const blockId = { block_id: text(255).optional() }

const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plainText(150), ...blockId }),
  z
    .strictObject({
      type: z.literal('section'),
      text: z.union([PlainText, Mrkdwn]).optional(),
      fields: z
        .array(z.union([plainText(2000), Mrkdwn.extend({ text: text(2000) })]))
        .min(1)
        .max(10)
        .optional(),
      ...blockId,
    })
    .refine((block) => block.text || block.fields, 'a section needs text or fields'),
  z.strictObject({
    type: z.literal('context'),
    elements: z
      .array(z.union([PlainText, Mrkdwn]))
      .min(1)
      .max(10),
    ...blockId,
  }),
  z.strictObject({ type: z.literal('divider'), ...blockId }),
  z
    .strictObject({ type: z.literal('actions'), elements: z.array(Button).min(1).max(25), ...blockId })
    .refine(
      (block) => new Set(block.elements.map((e) => e.action_id)).size === block.elements.length,
      'an action_id twice',
    ),
  z.strictObject({
    type: z.literal('rich_text'),
    elements: z
      .array(
        z.discriminatedUnion('type', [
          RichTextSection,
          z.strictObject({
            type: z.literal('rich_text_list'),
            style: z.enum(['bullet', 'ordered']),
            elements: z.array(RichTextSection).min(1),
          }),
          z.strictObject({ type: z.literal('rich_text_preformatted'), elements: z.array(RichTextPiece).min(1) }),
          z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(RichTextPiece).min(1) }),
        ]),
      )
      .min(1),
    ...blockId,
  }),
])

const Blocks = z.array(Block).max(50)

/** More than this many characters of JSON in blocks was seen to be refused; Slack gives no figure. */
const TOO_LONG = 13_200

/** The error that Slack answers with, and its explanations, or null where the blocks are fine. */
export function refusalOf(blocks: unknown): { error: string; messages: string[] } | null {
  const checked = Blocks.safeParse(blocks)
  if (!checked.success) {
    return { error: 'invalid_blocks', messages: checked.error.issues.map((i) => `${i.message} [${i.path.join('/')}]`) }
  }
  return textsOf(checked.data).join('').length > TOO_LONG ? { error: 'msg_blocks_too_long', messages: [] } : null
}

/** Every text that is shown, in order. */
export function textsOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(textsOf)
  if (node === null || typeof node !== 'object') return []
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'text' && typeof value === 'string' ? [value] : textsOf(value),
  )
}
