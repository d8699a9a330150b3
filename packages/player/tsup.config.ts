import { packageBuild } from '../../tsup.base.ts'

export default packageBuild({ programs: { 'js-worker': 'src/executors/js/worker.ts' } })
