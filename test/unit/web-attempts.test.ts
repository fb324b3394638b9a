import { describe, expect, it } from 'vitest'
import { createAttempts } from '../../adapters/chat/web/attempts.ts'

const MINUTE = 60_000

describe('wrong tokens', () => {
  function setUp() {
    let now = 1_000_000
    const attempts = createAttempts(() => now)
    return {
      attempts,
      wait: (ms: number) => {
        now += ms
      },
      fail: (address: string, times: number) => Array.from({ length: times }, () => attempts.wrong(address)).at(-1),
    }
  }

  it('are looked at five times a minute from one address', () => {
    const { attempts, fail, wait } = setUp()
    expect(fail('192.0.2.1', 4)).toBe(false)
    expect(attempts.waitFor('192.0.2.1')).toBe(0)
    expect(fail('192.0.2.1', 1)).toBe(true)
    expect(attempts.waitFor('192.0.2.1')).toBe(60)
    expect(attempts.waitFor('192.0.2.2')).toBe(0)
    wait(MINUTE - 1)
    expect(attempts.waitFor('192.0.2.1')).toBe(1)
    wait(1)
    expect(attempts.waitFor('192.0.2.1')).toBe(0)
  })

  it.each([
    ['2001:db8::1', '2001:db8:0:0:ffff::2', true],
    ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['::1', '::2', true],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
  ])('from %s and from %s count together: %s', (one, other, together) => {
    const { attempts, fail } = setUp()
    fail(one, 5)
    expect(attempts.waitFor(other) > 0).toBe(together)
  })

  it('are limited in all, since an attacker may have many addresses', () => {
    const { attempts, fail } = setUp()
    for (let n = 0; n < 49; n++) fail(`192.0.2.${n}`, 1)
    expect(attempts.waitFor('198.51.100.1')).toBe(0)
    expect(fail('192.0.2.49', 1)).toBe(true)
    expect(attempts.waitFor('198.51.100.1')).toBe(60)
  })
})
