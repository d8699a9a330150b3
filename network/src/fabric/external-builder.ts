import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeWholeFile } from '../files/whole-file.ts'

/**
 * What a peer runs when a chaincode is installed: three programs that tell it no more than where the chaincode listens
 * ("chaincode as a service"). Fabric's own builder does the same; this one needs nothing but a shell, in a container too.
 */
const programs: Readonly<Record<string, string>> = {
  // detect SOURCE METADATA
  detect: `grep -q '"type" *: *"ccaas"' "$2/metadata.json"`,
  // build SOURCE METADATA OUTPUT
  build: `cp "$1/connection.json" "$3/connection.json"
if [ -d "$1/META-INF" ]; then cp -R "$1/META-INF" "$3/META-INF"; fi`,
  // release OUTPUT RELEASE
  release: `mkdir -p "$2/chaincode/server"
cp "$1/connection.json" "$2/chaincode/server/connection.json"
if [ -d "$1/META-INF/statedb" ]; then cp -R "$1/META-INF/statedb" "$2/statedb"; fi`
}

/** Writes the builder into a folder. */
export const writeExternalBuilder = async (dir: string): Promise<void> => {
  await mkdir(join(dir, 'bin'), { recursive: true })
  await Promise.all(
    Object.entries(programs).map(([name, body]) =>
      writeWholeFile(join(dir, 'bin', name), `#!/bin/sh\nset -eu\n${body}\n`, 0o755)
    )
  )
}
