import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readConfig } from '../config/read.ts'
import type { Config, Kinds } from '../config/schema.ts'
import { ConfigError } from '../ports/errors.ts'

export const CONFIG_FILE = 'bouncebell.yaml'

/** Reads a configuration and the .env beside it from disk. Throws a ConfigError that says what to do. */
export function loadConfig(path: string | null, kinds: Kinds): Config {
  const file = path ?? CONFIG_FILE
  const text = readText(file, 'Copy bouncebell.example.yaml, or name another file with --config.')
  const secrets = join(dirname(file), '.env')
  if (isThere(secrets)) {
    // For its errors: what Node says of a directory helps nobody.
    readText(secrets, '')
    // What is set already is not overwritten.
    process.loadEnvFile(secrets)
  }
  const config = readConfig(text, file, kinds, process.env)
  checkDatabaseUrl(process.env.DATABASE_URL)
  return config
}

export const isThere = (file: string) => statSync(file, { throwIfNoEntry: false }) !== undefined

/** The text of a file that a person named. Throws a ConfigError. */
export function readText(file: string, whereFrom: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    const [wrong, remedy] = reasonOf(error, whereFrom)
    throw new ConfigError([{ path: file, wrong, remedy }], 'the command line')
  }
}

function reasonOf(error: unknown, whereFrom: string): [wrong: string, remedy: string] {
  const { code } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return ['does not exist', whereFrom]
    case 'EISDIR':
      return [
        'is a directory, not a file',
        'Name the file in it. Docker creates such a directory if the file to mount is missing: remove it, create the file, and start again.',
      ]
    case 'EACCES':
    case 'EPERM':
      return ['cannot be read by this user', 'Let the user that runs Bouncebell read it (`chmod`, `chown`).']
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return ['is not UTF-8 text', 'Save it as UTF-8.']
    default:
      return [`cannot be read (${code ?? (error as Error).message})`, 'Check the disk and the mount.']
  }
}

function checkDatabaseUrl(url: string | undefined) {
  if (!url || (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol))) return
  const remedy = 'It looks like postgres://user:password@host:5432/database.'
  throw new ConfigError([{ path: 'DATABASE_URL', wrong: 'is not a PostgreSQL URL', remedy }], 'the environment')
}
