import type { SQSServiceException } from '@aws-sdk/client-sqs'
import { AuthFailed, type Fault, RateLimited, Refused, Unavailable } from '../../../src/ports/errors.ts'
import { redact } from '../../../src/smtp/redact.ts'

// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidClientTokenId',
  'InvalidSecurity',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'UnrecognizedClientException',
])
const NO_QUEUE = new Set(['QueueDoesNotExist', 'QueueDeletedRecently', 'AWS.SimpleQueueService.NonExistentQueue'])
const DENIED = /^(AccessDenied|KmsAccessDenied|KMS\.AccessDenied|OptInRequired|AuthorizationError)/
const THROTTLED = /Throttl|TooManyRequests|OverLimit/

// SQS gives no figure; its SDK has by then waited and tried three times.
const THROTTLED_PAUSE_MS = 10_000

/** What AWS's SDK threw, as one of our faults. ARNs in its messages may hold a person's address. */
export function faultOf(error: unknown, queueUrl: string): Fault {
  const { name, message, $metadata } = error as Partial<SQSServiceException>
  const options = { cause: error }
  const said = redact(`${name ?? 'Error'}: ${message ?? String(error)}`)
  if (CREDENTIALS.has(name ?? '')) {
    return new AuthFailed(
      `AWS refused the credentials (${said})`,
      'Set accessKeyId and secretAccessKey of the source, or provide credentials where the AWS SDK finds them (AWS_ACCESS_KEY_ID, a profile, an instance role).',
      options,
    )
  }
  if (NO_QUEUE.has(name ?? '')) {
    return new Refused(
      `the queue ${queueUrl} does not exist (${said})`,
      'Check queueUrl, its region and its account: `aws sqs list-queues --region ...` lists the queues.',
      options,
    )
  }
  if (DENIED.test(name ?? '')) {
    return new Refused(
      `AWS does not allow reading ${queueUrl} (${said})`,
      'Allow sqs:ReceiveMessage, sqs:DeleteMessage and sqs:GetQueueAttributes on the queue, and kms:Decrypt on its key if it is encrypted.',
      options,
    )
  }
  const status = $metadata?.httpStatusCode
  if (THROTTLED.test(name ?? '') || status === 429) {
    return new RateLimited(`SQS asks to slow down (${said})`, THROTTLED_PAUSE_MS, options)
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new Refused(`SQS refused the request (${said})`, 'Check queueUrl and region of the source.', options)
  }
  return new Unavailable(`SQS cannot be reached (${said})`, undefined, options)
}
