import { EXIT } from './exit.ts'
import { CONFIG_FILE, loadConfig } from './read-config.ts'
import { configOnly, type Subcommand } from './subcommand.ts'

export const checkConfig: Subcommand<{ config: string | null }> = {
  says: 'check bouncebell.yaml for problems',
  options: ['config'],
  read: configOnly,
  run: async ({ config }, { kinds }) => {
    loadConfig(config, kinds)
    process.stdout.write(`${config ?? CONFIG_FILE} is fine.\n`)
    return EXIT.done
  },
}
