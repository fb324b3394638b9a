// A Bouncebell as `main.ts serve` puts it together, but for its clock: its parent tells the time, and hears what was watched.
// Environment: SCENE (see store-scene.ts), DATABASE (DatabaseOptions), both JSON.
import { once } from 'node:events'
import { CHATS } from '../../adapters/chat/index.ts'
import { espDefinitions } from '../../adapters/esp/index.ts'
import { readConfig } from '../../src/config/read.ts'
import type { Kinds } from '../../src/config/schema.ts'
import { loadKnowledge } from '../../src/knowledge/knowledge.ts'
import { readProviders } from '../../src/knowledge/rule-files.ts'
import { createHttpClient } from '../../src/lib/http-client.ts'
import { createLog } from '../../src/lib/log.ts'
import { speedsOf } from '../../src/lib/regex-speed.ts'
import { systemClock } from '../../src/lib/system-clock.ts'
import type { ChatDefinition, ChatPlatform } from '../../src/ports/chat.ts'
import type { EspDefinition, EspSource } from '../../src/ports/esp.ts'
import type { Store } from '../../src/ports/store/index.ts'
import { serve } from '../../src/serve.ts'
import { openStore } from '../../src/store/index.ts'
import type { Moment, ReplicaScene } from './store-scene.ts'

const scene = JSON.parse(process.env.SCENE!) as ReplicaScene
let before = scene.dies?.after ?? 0
function reach(moment: Moment): void {
  if (scene.dies?.at === moment && before-- === 0) process.kill(process.pid, 'SIGKILL')
}
let now = new Date((await once(process, 'message'))[0])
process.on('message', (at: string) => {
  now = new Date(at)
})
// Nothing here sleeps but a stream between two tries.
const clock = { now: () => now, sleep: systemClock.sleep }
const kinds: Kinds = {
  esps: espDefinitions,
  chats: CHATS as readonly ChatDefinition<unknown>[],
  providers: readProviders,
  speedsOf,
}
const config = readConfig(JSON.stringify(scene.config), 'the scene', kinds, {})
const log = createLog({ level: scene.logLevel, format: 'json', color: false })
const http = createHttpClient(scene.timeoutMs === undefined ? {} : { timeoutMs: scene.timeoutMs })
const { store: opened, journal, queue } = await openStore(JSON.parse(process.env.DATABASE!))
const WATCHED = 'watch: tracked minute'
const tell = (watched: Uint8Array) => process.send?.(Number(new TextDecoder().decode(watched)))
// One that was killed may have watched a minute and not said so.
const watched = await opened.state.load(WATCHED)
if (watched) tell(watched)
const store: Store = {
  ...opened,
  counters: {
    ...opened.counters,
    addEvents: async (source, events, extra) => {
      const added = await opened.counters.addEvents(source, events, extra)
      if (events.length > 0) reach('acknowledge')
      return added
    },
  },
  state: {
    ...opened.state,
    save: async (key, value) => {
      await opened.state.save(key, value)
      if (key === WATCHED) tell(value)
    },
  },
}

function pulled(source: EspSource): EspSource {
  if (source.kind === 'stream') return source
  return {
    ...source,
    async *pull(window, signal) {
      for await (const page of source.pull(window, signal)) {
        if (page.length > 0) reach('poll')
        yield page
      }
    },
  }
}

function posted(platform: ChatPlatform): ChatPlatform {
  return {
    ...platform,
    post: async (...message) => {
      const ref = await platform.post(...message)
      reach(platform.id as Moment)
      return ref
    },
    reply: async (...message) => {
      await platform.reply(...message)
      reach(platform.id as Moment)
    },
  }
}

const serving = await serve({
  config,
  knowledge: loadKnowledge([]),
  store,
  journal,
  queue,
  clock,
  log,
  sources: config.sources.map(({ id, type, ...settings }) => {
    const esp = espDefinitions.find((definition) => definition.id === type) as EspDefinition<unknown>
    return { id, type, facts: esp.facts, source: pulled(esp.open(settings, { http, clock, log })) }
  }),
  openChats: (context) =>
    kinds.chats.flatMap((definition) => {
      const settings = config.chat[definition.id] as { channel: string } | undefined
      return settings ? [{ platform: posted(definition.open(settings, context)), channel: settings.channel }] : []
    }),
})
console.log('ready')
process.once('SIGTERM', async () => {
  await serving.stop()
  await store.close()
  process.exit(0)
})
