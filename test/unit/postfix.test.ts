import { expect, test } from 'vitest'
import { faultOf } from '../../adapters/esp/postfix/faults.ts'
import { postfix } from '../../adapters/esp/postfix.ts'
import { isFault } from '../../src/ports/errors.ts'

test.each([
  ['ENOENT', 'Refused', 'maillog_file'],
  ['EACCES', 'Refused', 'usermod -aG adm'],
  ['EIO', 'Unavailable', 'disk'],
])('%s is %s, with what to do', (code, name, remedy) => {
  const fault = faultOf(Object.assign(new Error(code), { code }), '/var/log/mail.log')
  expect(fault).toSatisfy(isFault)
  expect(fault).toMatchObject({
    name,
    message: expect.stringContaining('/var/log/mail.log'),
    remedy: expect.stringContaining(remedy),
  })
})

test('an error that is not the file system’s is left as it is', () => {
  const error = Object.assign(new Error('duplicate key'), { code: '23505' })
  expect(faultOf(error, '/var/log/mail.log')).toBe(error)
})

test('works without any setting, and names what is wrong in one', () => {
  expect(postfix.config.parse({})).toEqual({ path: '/var/log/mail.log', ips: {}, ignoreRelays: ['127.0.0.1', '::1'] })
  const wrong = postfix.config.safeParse({ timeZone: 'Berlin', ip: 'mta1', ips: { bulk: 'x' }, pth: '/x' })
  expect(wrong.error?.issues.map(({ path }) => path.join('.')).sort()).toEqual(['', 'ip', 'ips.bulk', 'timeZone'])
})
