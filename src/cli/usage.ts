import type { Option } from './options.ts'

/** The command line is wrong: exit code 2, with this sentence and what the command takes. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly command: string | null
  constructor(message: string, command: string | null) {
    super(message)
    this.command = command
  }
}

/** Throws UsageError. */
export function wholeNumber(
  text: string,
  { command, option, least, most }: { command: string; option: Option; least: number; most: number },
): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value
  throw new UsageError(`--${option} takes a whole number from ${least} to ${most}, not "${text}".`, command)
}
