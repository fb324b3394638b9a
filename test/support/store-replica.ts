// A Bouncebell as `main.ts serve` puts it together, but for its clock, which runs as fast as the scene's.
// Environment: SCENE (see store-scene.ts), DATABASE (DatabaseOptions), both JSON.
import { CHATS } from '../../adapters/chat/index.ts'
import { espDefinitions } from '../../adapters/esp/index.ts'
import type { Kinds } from '../../src/config.ts'
import { readConfig } from '../../src/config-file.ts'
import { createDemoClock } from '../../src/demo/clock.ts'
import { loadKnowledge } from '../../src/knowledge.ts'
import { createHttpClient } from '../../src/lib/http-client.ts'
import { createLog } from '../../src/lib/log.ts'
import type { ChatDefinition } from '../../src/ports/chat.ts'
import type { EspDefinition } from '../../src/ports/esp.ts'
import { serve } from '../../src/serve.ts'
import { openStore } from '../../src/store/index.ts'
import type { ReplicaScene } from './store-scene.ts'

const scene = JSON.parse(process.env.SCENE!) as ReplicaScene
const kinds: Kinds = { esps: espDefinitions, chats: CHATS as readonly ChatDefinition<unknown>[] }
const config = readConfig(JSON.stringify(scene.config), 'the scene', kinds, {})
const log = createLog({ level: scene.logLevel, format: 'json', color: false })
const http = createHttpClient()
const { store, journal, boss } = await openStore(JSON.parse(process.env.DATABASE!))
console.log('clock')
const clock = createDemoClock(new Date(scene.at), scene.speed)
const serving = await serve({
  config,
  knowledge: loadKnowledge([]),
  store,
  journal,
  boss,
  clock,
  log,
  sources: config.sources.map(({ id, type, ...settings }) => {
    const esp = espDefinitions.find((definition) => definition.id === type) as EspDefinition<unknown>
    return { id, type, facts: esp.facts, source: esp.open(settings, { http, clock, log }) }
  }),
  openChats: (context) =>
    kinds.chats.flatMap((definition) => {
      const settings = config.chat[definition.id] as { channel: string } | undefined
      return settings ? [{ platform: definition.open(settings, context), channel: settings.channel }] : []
    }),
})
console.log('ready')
process.once('SIGTERM', async () => {
  await serving.stop()
  await store.close()
  process.exit(0)
})
