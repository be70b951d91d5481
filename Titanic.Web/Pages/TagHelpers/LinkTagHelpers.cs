using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.Routing;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Titanic.Web.Pages.TagHelpers;

/// <summary>A link to the sign-in page, which returns to the current page after sign-in.</summary>
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

/// <summary>A link that is replaced by the text <see cref="Otherwise"/> if one of its route values is missing.</summary>
[HtmlTargetElement("a", Attributes = "otherwise")]
public sealed class OtherwiseTagHelper : TagHelper
{
    public string Otherwise { get; set; } = "";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        if (context.AllAttributes.All(attribute => !attribute.Name.StartsWith("asp-route-", StringComparison.Ordinal) || attribute.Value is not (null or "")))
            return;
        output.TagName = null;
        output.Content.SetContent(Otherwise);
    }
}
