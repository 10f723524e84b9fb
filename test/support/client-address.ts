/** The headers that make a request come from an address: as the believed proxy says, and as Cloudflare does. */
export const fromAddress = (address: string): Record<string, string> => ({
  'x-forwarded-for': address,
  'cf-connecting-ip': address,
});
