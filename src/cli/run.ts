import { readCommand } from './arguments.ts'
import { EXIT } from './exit.ts'
import { HELP, helpFor } from './help.ts'
import { start } from './start.ts'
import type { AnySubcommand, Tools } from './subcommand.ts'
import { COMMANDS } from './table.ts'
import { tell } from './tell.ts'

/** Does what a command line (without node and the script) asks for, and answers with the exit code. Never throws. */
export async function runCommandLine(argv: string[], tools: Tools): Promise<number> {
  try {
    return await run(argv, tools)
  } catch (error) {
    const { text, exit } = tell(error)
    process.stderr.write(text)
    return exit
  }
}

async function run(argv: string[], tools: Tools): Promise<number> {
  const command = readCommand(argv, process.env)
  switch (command.name) {
    case 'help':
      process.stdout.write(command.of ? helpFor(command.of) : HELP)
      return EXIT.done
    case 'version':
      process.stdout.write(`${tools.version}\n`)
      return EXIT.done
    case 'start':
      return start.run(command, tools)
    default: {
      // Each name goes with what its own `read` made.
      const { run }: AnySubcommand = COMMANDS[command.name]
      return run(command as never, tools)
    }
  }
}
