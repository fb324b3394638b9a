import { openWebHarness } from '../support/web-harness.ts'
import { describeChatPlatform } from './chat-platform.ts'

describeChatPlatform('The web page', openWebHarness)
