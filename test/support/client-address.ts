/** The headers that set a request's client address: the trusted proxy's, and Cloudflare's. */
export const fromAddress = (address: string): Record<string, string> => ({
  'x-forwarded-for': address,
  'cf-connecting-ip': address,
});
