/**
 * The domain of an e-mail address, lower case and without a final dot, or null if there is none. Accepts `a@b.example`,
 * `<a@b.example>` and `Name <a@b.example>`. The local part is dropped here, so that it goes no further.
 */
export function domainOf(address: string): string | null {
  const domain = /@([^\s@<>()[\],;:"']{1,255})>?\s*$/u.exec(address)?.[1]?.replace(/\.$/, '').toLowerCase()
  return domain ? domain : null
}
