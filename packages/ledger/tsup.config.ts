import { packageBuild } from '../../tsup.base.ts'

export default packageBuild({ programs: { 'audit-worker': 'src/audit/worker.ts' } })
