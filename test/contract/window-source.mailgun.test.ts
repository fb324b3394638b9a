import { openMailgunUpstream } from '../support/mailgun-upstream.ts'
import { windowSourceContract } from './window-source.ts'

windowSourceContract('Mailgun', openMailgunUpstream)
