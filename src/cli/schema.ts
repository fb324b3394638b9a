import { jsonSchema } from '../config/schema.ts'
import { EXIT } from './exit.ts'
import type { Subcommand } from './subcommand.ts'

export const schema: Subcommand<object> = {
  says: 'print the JSON Schema of bouncebell.yaml',
  options: [],
  read: () => ({}),
  run: async (_, { kinds }) => {
    process.stdout.write(`${JSON.stringify(jsonSchema(kinds), null, 2)}\n`)
    return EXIT.done
  },
}
