import { openSlackHarness } from '../support/slack-harness.ts'
import { describeChatPlatform } from './chat-platform.ts'

describeChatPlatform('Slack over HTTP', (inbound) => openSlackHarness('http', inbound))
describeChatPlatform('Slack over Socket Mode', (inbound) => openSlackHarness('socket', inbound))
