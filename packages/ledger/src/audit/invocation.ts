import { content, fieldsOf, isBytes, nextField } from '../wire/fields.ts'

const inner = (bytes: Buffer | undefined, field: number): Buffer | undefined => {
  if (bytes === undefined) return undefined
  let found: Buffer | undefined
  const f = fieldsOf(bytes)
  while (nextField(f)) if (isBytes(f, field)) found = content(f)
  return f.bad ? undefined : found
}

/** The words with which a chaincode was called, name of the transaction first, from a serialized ChaincodeProposalPayload. */
export const calledWith = (proposal: Buffer): readonly string[] | undefined => {
  const input = inner(inner(inner(proposal, 1), 1), 3)
  if (input === undefined) return undefined
  const words: string[] = []
  const f = fieldsOf(input)
  while (nextField(f)) if (isBytes(f, 1)) words.push(content(f).toString())
  return f.bad ? undefined : words
}
