import { systemClock } from '../lib/system-clock.ts'
import { runDemo } from './demo.ts'
import { CONFIG_FILE, isThere, loadConfig } from './read-config.ts'
import { serveUntilStopped } from './serve-until-stopped.ts'
import { configOnly, type Subcommand } from './subcommand.ts'

/** Without a command: it serves, or runs the demo. It takes what either takes. */
export const start: Subcommand<{ config: string | null }> = {
  says: 'serve, or the demo if there is no bouncebell.yaml',
  options: ['config', 'port', 'data', 'seed'],
  read: configOnly,
  run: async ({ config }, tools) => {
    if (config || isThere(CONFIG_FILE))
      return serveUntilStopped({ config: loadConfig(config, tools.kinds), clock: systemClock }, tools)
    process.stdout.write(
      `There is no ${CONFIG_FILE}, so this is the demo. See the README to run it on your own mail.\n`,
    )
    return runDemo({ port: 3000, directory: './data', seed: 1 }, tools)
  },
}
