import { buildPackages } from './build.ts'

/** `pnpm build`: every package into its dist. */
export const build = async (): Promise<number> => {
  const { status, output } = await buildPackages()
  if (output !== '') console.log(output)
  return status === 0 ? 0 : 1
}
