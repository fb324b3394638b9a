import { ConfigError, isFault } from '../ports/errors.ts'
import { EXIT } from './exit.ts'
import { helpFor } from './help.ts'
import { UsageError } from './usage.ts'

/** What went wrong, for a person, and the exit code. A stack only for what is a mistake of ours. */
export function tell(error: unknown): { text: string; exit: number } {
  if (error instanceof UsageError) return { text: `${error.message}\n\n${helpFor(error.command)}`, exit: EXIT.misused }
  if (error instanceof ConfigError) return { text: `${error.message}\n`, exit: EXIT.misused }
  if (isFault(error)) return { text: `${sentence(error.message)}\n${error.remedy}\n`, exit: EXIT.failed }
  if (isOfTheSystem(error)) {
    const remedy =
      REMEDIES[error.code] ?? 'Check the disk, the network and permissions; Bouncebell cannot fix this by itself.'
    return { text: `${sentence(error.message)}\n${remedy}\n`, exit: EXIT.failed }
  }
  const shown = error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error)
  return { text: `${shown}\nThis is a bug in Bouncebell. Please report it with these lines.\n`, exit: EXIT.failed }
}

const REMEDIES: Record<string, string> = {
  ENOSPC: 'The disk is full: free some space, then start again.',
  EACCES: 'Let the user that runs Bouncebell read and write it.',
  EMFILE: 'Too many files are open: raise the limit (`ulimit -n`).',
}

const isOfTheSystem = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'syscall' in error && /^E[A-Z]+$/.test(String((error as NodeJS.ErrnoException).code))

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
