import { Refused, Unavailable } from '../../../src/ports/errors.ts'

/** What the file system said about the log, as one of our faults. Anything else comes back as it is. */
export function faultOf(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException
  const options = { cause: error }
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new Refused(
      `the log ${path} does not exist`,
      'Set path of the source to the file that Postfix logs to: see `postconf maillog_file`, or the file that syslog writes for the mail facility. If there is only the journal, set maillog_file in main.cf.',
      options,
    )
  }
  if (code === 'EISDIR') {
    return new Refused(
      `the log ${path} is a directory`,
      `Set path of the source to the file in it that Postfix logs to, such as ${path.replace(/\/$/, '')}/mail.log. Docker creates such a directory if the file to mount is missing.`,
      options,
    )
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new Refused(
      `the log ${path} cannot be read by this user`,
      "Add the user that runs Bouncebell to the file's group (on Debian: `usermod -aG adm USER`) and restart it.",
      options,
    )
  }
  if (code?.startsWith('E')) {
    return new Unavailable(`the log ${path} cannot be read (${code})`, 'Check the disk and the mount.', options)
  }
  return error
}
