import { systemClock } from '../lib/system-clock.ts'
import { loadConfig } from './read-config.ts'
import { serveUntilStopped } from './serve-until-stopped.ts'
import { configOnly, type Subcommand } from './subcommand.ts'

export const serve: Subcommand<{ config: string | null }> = {
  says: 'read the sources, watch for problems, and alert in the chats',
  options: ['config'],
  read: configOnly,
  run: ({ config }, tools) => serveUntilStopped({ config: loadConfig(config, tools.kinds), clock: systemClock }, tools),
}
