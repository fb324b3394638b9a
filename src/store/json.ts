import type { ZodType } from 'zod'

/** JSON that PostgreSQL takes: a NUL or half a surrogate pair would make it refuse the whole statement. */
export const toJson = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? toText(part) : part))

/** The same for a text column. */
export const toText = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{fffd}')

/** The value, or what is wrong with it: where and what was expected, without the value itself. */
export function readStored<T>(schema: ZodType<T>, value: unknown): { value: T } | { problem: string } {
  const result = schema.safeParse(value)
  if (result.success) return { value: result.data }
  const [issue] = result.error.issues
  return { problem: `${issue?.path.join('.') || 'all of it'}: ${issue?.message}` }
}
