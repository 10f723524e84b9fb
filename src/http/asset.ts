/** The response for a file that pages load: style, script or picture. */

export const asset = (text: string, type: string): Response =>
  new Response(text, {
    headers: {
      'content-type': `${type}; charset=utf-8`,
      // Short, because a theme may change on the day of the drop.
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
    },
  });
