/** One member name or index of a JSON pointer (RFC 6901), escaped. */
export const escapeToken = (token: string): string => token.replaceAll('~', '~0').replaceAll('/', '~1')
