// After an H5 payment the browser returns to the shop.

const link = document.querySelector('a[data-return]');
if (link) window.location.replace(link.href);
