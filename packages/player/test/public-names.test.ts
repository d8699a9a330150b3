import { testPublicNames } from '../../../tools/test/public-names.ts'

testPublicNames('packages/player')
