using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.Routing;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>A link to the sign-in page that leads back to the current page.</summary>
[HtmlTargetElement("sign-in-link", TagStructure = TagStructure.WithoutEndTag)]
public sealed class SignInLinkTagHelper(IUrlHelperFactory urls) : TagHelper
{
    [ViewContext, HtmlAttributeNotBound]
    public ViewContext ViewContext { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var request = ViewContext.HttpContext.Request;
        output.TagName = "a";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("href", $"{urls.GetUrlHelper(ViewContext).Content("~/login")}?returnUrl={request.PathBase}{request.Path}");
        output.Content.Append("Sign in");
    }
}
