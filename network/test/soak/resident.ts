import { readFile } from 'node:fs/promises'

/** Megabytes that a process has in memory; undefined where the system does not tell. */
export const residentMegabytes = async (pid: number | undefined): Promise<number | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const found = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
  return found === undefined ? undefined : Math.round(Number(found) / 1024)
}
