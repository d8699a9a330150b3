// fabric-shim reads its log levels when it is loaded.
process.env['CORE_CHAINCODE_LOGGING_LEVEL'] = 'CRITICAL'
process.env['CORE_CHAINCODE_LOGGING_SHIM'] = 'CRITICAL'
