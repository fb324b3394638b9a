#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { CHATS } from '../adapters/chat/index.ts'
import { espDefinitions } from '../adapters/esp/index.ts'
import { runCommandLine } from './cli/run.ts'
import { readProviders } from './knowledge/rule-files.ts'
import { speedsOf } from './lib/regex-speed.ts'
import type { ChatDefinition } from './ports/chat.ts'
import { openStore } from './store/index.ts'

const packageFile = new URL('../package.json', import.meta.url)

process.exitCode = await runCommandLine(process.argv.slice(2), {
  kinds: {
    esps: espDefinitions,
    chats: CHATS as readonly ChatDefinition<unknown>[],
    providers: readProviders,
    speedsOf,
  },
  openDatabase: openStore,
  version: (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version,
})
