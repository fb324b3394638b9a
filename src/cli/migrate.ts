import { EXIT } from './exit.ts'
import { databaseOf } from './open-config.ts'
import { loadConfig } from './read-config.ts'
import { configOnly, type Subcommand } from './subcommand.ts'

export const migrate: Subcommand<{ config: string | null }> = {
  says: 'migrate the database to the current schema',
  options: ['config'],
  read: configOnly,
  run: async ({ config }, { kinds, openDatabase }) => {
    const report = (line: string) => process.stdout.write(`${line}\n`)
    const { store } = await openDatabase(databaseOf(loadConfig(config, kinds)), report)
    await store.close()
    process.stdout.write('The database schema is up to date.\n')
    return EXIT.done
  },
}
