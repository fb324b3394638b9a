import { afterEach, expect, test } from 'vitest'
import { redact } from '../../src/smtp/redact.ts'

const exec = RegExp.prototype.exec
afterEach(() => {
  RegExp.prototype.exec = exec
})

/** How often a regular expression was asked, and how many characters they took together. */
function workOf(text: string): number {
  let work = 0
  RegExp.prototype.exec = function (this: RegExp, given: string) {
    const found = exec.call(this, given)
    work += 1 + (found?.[0].length ?? 0)
    return found
  }
  redact(text)
  RegExp.prototype.exec = exec
  return work
}

const PARTS = [
  ...['user=', 'alias=', 'user|', 'user user/', 'user <', 'user "x ', 'mailbox: ', '|a', 'a|', '(a', '550 5.1.1 a... '],
  ...['user.x ', '@', 'a@', '"@', '<a@b.example> ', ' @ ', 'a=40', '%40', '(at)', '=?a?q?', 'cn=', '/home/x', '<x'],
  ...['x!y', 'ユーザー', 'ユーザー x ', "user's ", 'user-', 'a'.repeat(300), 'aB3+QA'],
]

test.each(PARTS)('eight times the text is about eight times the work: %s', (part) => {
  const [small, large] = [10_000, 80_000].map((length) => workOf(part.repeat(length / part.length)))
  expect(large).toBeLessThan(10 * small! + 100)
})
