import { expect, test } from 'vitest'
import { faultOf } from '../../adapters/esp/ses/faults.ts'

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events'
const thrown = (name: string, httpStatusCode?: number, message = 'said') =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } })

test.each([
  ['InvalidClientTokenId', 403, 'AuthFailed'],
  ['SignatureDoesNotMatch', 403, 'AuthFailed'],
  ['ExpiredToken', 403, 'AuthFailed'],
  ['CredentialsProviderError', undefined, 'AuthFailed'],
  ['QueueDoesNotExist', 400, 'Refused'],
  ['AccessDenied', 403, 'Refused'],
  ['KmsAccessDenied', 400, 'Refused'],
  ['RequestThrottled', 400, 'RateLimited'],
  ['ThrottlingException', 400, 'RateLimited'],
  ['InvalidAddress', 400, 'Refused'],
  ['InternalError', 500, 'Unavailable'],
  ['TimeoutError', undefined, 'Unavailable'],
])('%s (%s) is %s, with a remedy', (name, status, fault) => {
  expect(faultOf(thrown(name, status), queueUrl)).toMatchObject({
    name: fault,
    message: expect.stringContaining(name),
    remedy: expect.stringMatching(/\w+ \w+/),
  })
})

test('a queue that does not exist is named, and where to look for it', () => {
  const fault = faultOf(thrown('QueueDoesNotExist', 400), queueUrl)
  expect(fault.message).toContain(queueUrl)
  expect(fault.remedy).toContain('region')
})

test('an address in an ARN stays inside', () => {
  const said = 'User: arn:aws:sts::123456789012:assumed-role/Admin/ann@brand.example is not authorized'
  expect(faultOf(thrown('AccessDenied', 403, said), queueUrl).message).not.toContain('@')
})
