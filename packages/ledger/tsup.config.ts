import { packageBuild } from '../../tsup.base.ts'

export default packageBuild({
  programs: {
    'audit-block-worker': 'src/audit/threads/block-worker.ts',
    'audit-signature-worker': 'src/audit/threads/signature-worker.ts'
  }
})
