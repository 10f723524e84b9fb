/** Cookies of the storefront: each for one path, hidden from scripts and other sites. */

export interface ShopCookie {
  name: string;
  value: string;
  path: string;
  seconds: number;
}

export function shopCookie(
  { name, value, path, seconds }: ShopCookie,
  publicUrl: string,
): readonly ['set-cookie', string] {
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  return [
    'set-cookie',
    `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`,
  ];
}
