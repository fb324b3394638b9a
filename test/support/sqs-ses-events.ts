/** SES events as SES publishes them; addresses and ids are made up. */
export interface SesEventOptions {
  messageId: string
  recipients: string[]
  at: Date
  reply?: string
  tags?: Record<string, string[]>
}

function mail({ messageId, recipients, at, tags }: SesEventOptions) {
  return {
    timestamp: at.toISOString(),
    source: 'News <news@brand.example>',
    sourceArn: 'arn:aws:ses:eu-west-1:123456789012:identity/brand.example',
    sendingAccountId: '123456789012',
    messageId,
    destination: recipients,
    headersTruncated: false,
    tags: {
      'ses:configuration-set': ['marketing'],
      'ses:source-ip': ['192.0.2.77'],
      'ses:from-domain': ['brand.example'],
      'ses:caller-identity': ['mailer'],
      ...tags,
    },
  }
}

export function sesDelivery(options: SesEventOptions) {
  const ip = { 'ses:outgoing-ip': ['198.51.100.7'] }
  return {
    eventType: 'Delivery',
    mail: mail({ ...options, tags: { ...ip, ...options.tags } }),
    delivery: {
      timestamp: options.at.toISOString(),
      processingTimeMillis: 540,
      recipients: options.recipients,
      smtpResponse: options.reply ?? '250 2.0.0 OK',
      reportingMTA: 'a1-7.smtp-out.eu-west-1.amazonses.com',
    },
  }
}

export function sesBounce(options: SesEventOptions, kind: { type?: string; subType?: string } = {}) {
  return {
    eventType: 'Bounce',
    bounce: {
      feedbackId: `feedback-${options.messageId}`,
      bounceType: kind.type ?? 'Permanent',
      bounceSubType: kind.subType ?? 'General',
      bouncedRecipients: options.recipients.map((emailAddress) => ({
        emailAddress,
        ...(options.reply ? { action: 'failed', status: '5.7.1', diagnosticCode: `smtp; ${options.reply}` } : {}),
      })),
      timestamp: options.at.toISOString(),
      reportingMTA: 'dns; a1-7.smtp-out.eu-west-1.amazonses.com',
    },
    mail: mail(options),
  }
}

export function sesDelay(options: SesEventOptions, delayType = 'IPFailure') {
  return {
    eventType: 'DeliveryDelay',
    mail: mail(options),
    deliveryDelay: {
      timestamp: options.at.toISOString(),
      delayType,
      expirationTime: new Date(options.at.getTime() + 12 * 3_600_000).toISOString(),
      delayedRecipients: options.recipients.map((emailAddress) => ({
        emailAddress,
        ...(options.reply ? { status: '4.7.0', diagnosticCode: `smtp; ${options.reply}` } : {}),
      })),
    },
  }
}

export function sesComplaint(options: SesEventOptions) {
  return {
    eventType: 'Complaint',
    complaint: {
      feedbackId: `complaint-${options.messageId}`,
      complaintSubType: null,
      complainedRecipients: options.recipients.map((emailAddress) => ({ emailAddress })),
      timestamp: options.at.toISOString(),
      complaintFeedbackType: 'abuse',
    },
    mail: mail(options),
  }
}

export function sesReject(options: SesEventOptions) {
  return { eventType: 'Reject', mail: mail(options), reject: { reason: 'Bad content' } }
}

export function sesSend(options: SesEventOptions) {
  return { eventType: 'Send', mail: mail(options), send: {} }
}
