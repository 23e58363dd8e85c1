// Two RSA keys of 2,048 bits as a factory and an owner would have made them: the endorsement key of every TPM 1.2 here, and
// the storage root key of a host that had an owner before the story begins. Found by the search of src/crypto/primes.ts with
// generators seeded with "crbscope TPM 1.2 endorsement key" and "crbscope TPM 1.2 storage root key"; a test finds them again.

import { fromHex } from '../lib/bytes.ts'
import type { RsaPair } from './tpm.ts'

export const ENDORSEMENT: RsaPair = {
  n: fromHex(
    'aaf66fcf73f8fe7ce77501ec7f0534b513e5c8456dffd618b771d90672e43e465fefb29dac908a3616af12266be30207' +
      '24c2d59533da987379fd976a073bd11854e30c71949856067480b0e26fab53874b91bb76b6e8c297cf5be5f4f14c135b' +
      'dc1ea64cfe92d4d977cab12c354f5b1ebef255d50b81cc39477a4f3f522363ea9e6250b9d8c3c6a6a433dd78ab8c321a' +
      '686989f803357c70a6386e9e33450147e2bf84a5a0b9efefb97bca44c2c06eedd802831ee3447bdf679785451d443914' +
      '3c017f371b837faf74f51a06887fc512c457998d49767db0dfb2d0c857982450464cfabc0f5434e72788f4eb5c3695bb' +
      'd9a47848b2381596358cb2bb5ee5216f',
  ),
  p: fromHex(
    'e7eef2e903db7d4dcc32c341c6955b394fda1575975b0d566f73493e3ba88583d56c4ab21aad8a35b25e56eb57bfd3fc' +
      'e94c9e8d29e501920e56f509b3c4b65c07442d35b872022098c6bf55dc803442359bbe7b6f2096c35488f5ca16c9e17d' +
      '7378d479b82c3763cb24d452b80c87148d3f154f1b772055b17f89c497d4015f',
  ),
}

export const STORAGE_ROOT: RsaPair = {
  n: fromHex(
    '8bda71087f9a26268f5f0766fb08c3a21c892167e6a8fc4a171d80413953a40f7ea8ecbfb1ac65d1ec01960efdf69bc5' +
      '591f24bbaed43963e8b6b79c994095b46e8a80d2967a81e321a4c66413be7676f6ffd883f0fd4ff016ca42d53175f62b' +
      'ecec74d81be0f50e0c6db70b45e426d431870140b10d3ec284f17ba2f9a3eb996c420e7747cddc0d9c2734b5b703aaf5' +
      '4bb4a36b5b5253474b733e5ebf73fa008958f0e4006fb3be82151386352487aa5206bbcab887252fd8a5354451066d06' +
      '2ce9f2211a7021a332657f69e97fd94451105df3980b75cc1eedb551828a4aa30a0699601af70788020ec93dabe883f6' +
      'd3c8fcdd5ae08060b8295a988772ceb7',
  ),
  p: fromHex(
    'bf877dd5be458de23cef62f6734696bfbbd4d92493416313c5b2ce173a93b80673e7db8098d900a7cbca9aa2559ff69f' +
      'f2fb442b37282d75a311202c0c5c6c608dec6fde2a2ab5d230dffda524075be6f9a64169eb10feb6732e3c384320f02c' +
      '818940e1117e4e9991df28ed6e4a2fa574abb475301e34513db1a461067b580b',
  ),
}
