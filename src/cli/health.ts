import { askHealth } from './ask-health.ts'
import { EXIT } from './exit.ts'
import { loadConfig } from './read-config.ts'
import { configOnly, type Subcommand } from './subcommand.ts'

export const health: Subcommand<{ config: string | null }> = {
  says: 'check that Bouncebell is running here, for health checks',
  options: ['config'],
  read: configOnly,
  run: async ({ config }, { kinds }) => {
    // Once a minute: what was proved at the start is not proved again.
    await askHealth(loadConfig(config, { ...kinds, speedsOf: (each) => each.map(() => 'safe') }).server)
    return EXIT.done
  },
}
