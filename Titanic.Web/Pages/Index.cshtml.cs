using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Titanic.Web.Pages;

public sealed class IndexModel : PageModel;
